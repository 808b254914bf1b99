"""Asks an Open311 server with the library `georeport`, which is not ours: address, code and number come as arguments.

Prints what the library made of it, as JSON.
"""

import json
import sys

from georeport import GeoReport  # type: ignore[import-not-found]

address, code, number = sys.argv[1:]
seen = {}
for form in ("json", "xml"):
    client = GeoReport(address, jurisdiction="example.vn", output_format=form)
    services = client.get_service_list()
    seen[form] = {
        "services": sorted(one["service_code"] for one in services),
        "has_definition": sorted(one["service_code"] for one in services if str(one["metadata"]).lower() == "true"),
        "definition": client.get_service_definition("C03"),
        "requests": sorted(one["service_request_id"] for one in client.get_service_requests()),
        "open": [one["status"] for one in client.get_service_requests(status="open", service_code="C01,C03")],
        "one": client.get_service_request(code),
        "public": client.get_service_request(number),
        "by_id": client.get_service_requests(service_request_id=f"{code},nonsense"),
    }
print(json.dumps(seen))
