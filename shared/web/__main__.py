"""What a package's pages still lack in English, as PO entries ready to be filled in.

python -m shared.web services/intake
"""

import sys
from pathlib import Path

from shared.web.i18n import skeleton

if __name__ == "__main__":
    print("\n".join(skeleton(Path(name)) for name in sys.argv[1:]))
