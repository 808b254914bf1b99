"""Exit 0 when the process in this container says that it is ready: `healthy.py PORT PATH`."""

import sys
from http.client import HTTPConnection, HTTPException

port, path = int(sys.argv[1]), sys.argv[2]
try:
    connection = HTTPConnection("127.0.0.1", port, timeout=3)
    connection.request("GET", path)
    sys.exit(0 if connection.getresponse().status == 200 else 1)
except (OSError, HTTPException) as problem:
    sys.exit(f"{path}: {problem}")
