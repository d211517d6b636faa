"""The system's packages that the tests need: installed as root on Debian, else named.

With ``CI=true`` a missing one is a failure, never a skip.
"""

import os
import shutil
import subprocess
import sys

COMMANDS = {"chromium": "chromium"}  # command: Debian's package
FONTS = {"Noto Sans": "fonts-noto-core"}


def missing() -> list[str]:
    packages = [package for command, package in COMMANDS.items() if shutil.which(command) is None]
    if shutil.which("fc-list"):
        fonts = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=True).stdout
        return packages + [package for family, package in FONTS.items() if family not in fonts]
    return [*packages, "fontconfig", *FONTS.values()]


def install(packages: list[str]) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(command, check=True, env=quiet, stdout=subprocess.DEVNULL)


def main() -> None:
    packages = missing()
    if not packages:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing {', '.join(packages)}")
        install(packages)
        return
    print(f"The tests need, and this machine lacks: {', '.join(packages)}.", file=sys.stderr)
    if os.environ.get("CI") == "true":
        sys.exit(1)
    print("The tests that need them are skipped.", file=sys.stderr)


if __name__ == "__main__":
    main()
