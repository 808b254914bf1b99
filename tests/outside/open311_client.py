"""Asks an Open311 server with the library `georeport`, which is not ours: address and code come as arguments.

Prints what the library made of it, as JSON.
"""

import json
import sys

from georeport import GeoReport  # type: ignore[import-not-found]

address, code = sys.argv[1:]
seen = {}
for form in ("json", "xml"):
    client = GeoReport(address, jurisdiction="example.vn", output_format=form)
    services = client.get_service_list()
    seen[form] = {
        "services": sorted(one["service_code"] for one in services),
        "definition": client.get_service_definition("C01")["service_code"],
        "requests": sorted(one["service_request_id"] for one in client.get_service_requests()),
        "open": [one["status"] for one in client.get_service_requests(status="open", service_code="C01,C13")],
        "one": client.get_service_request(code),
        "by_id": client.get_service_requests(service_request_id=f"{code},nonsense"),
    }
print(json.dumps(seen))
