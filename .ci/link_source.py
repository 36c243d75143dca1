"""Makes the checkout importable from its own .venv and puts the `bqw` command there.

A .pth line and a four-line script do what an editable install would, without a build back end
that would have to be downloaded first (Debian's pip 23 fetches one even for `pip install -e`).
"""

import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

Path(sysconfig.get_paths()["purelib"], "bqw.pth").write_text(f"{ROOT}\n", encoding="utf-8")
command = Path(sys.prefix, "bin", "bqw")
command.write_text(
    f"#!{Path(sys.prefix, 'bin', 'python')}\nimport sys\n\nfrom bot.cli import main\n\nsys.exit(main())\n",
    encoding="utf-8",
)
command.chmod(0o755)
