#!/usr/bin/env bash
# Make the virtual environment from a hashed lock: environment.sh VENV LOCK STAMP
set -euo pipefail
venv=$1 lock=$2 stamp=$3

python=
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$name
        break
    fi
done
if [ -z "$python" ]; then
    echo "Postlens needs Python 3.11 or newer and found none. On Debian: apt-get install python3 python3-venv" >&2
    exit 1
fi

# Debian ships Python without the part that makes environments.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing python3-venv, which this Python lacks ..."
        apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
    else
        echo "This Python cannot make virtual environments. On Debian: sudo apt-get install python3-venv" >&2
        exit 1
    fi
fi

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
echo "Installing the packages of $lock into $venv (a minute or two the first time) ..."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
if [[ $lock == *dev* ]]; then  # The tests use the example packages as a plugin author would: installed.
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e examples/postlens-agency -e examples/postlens-crossfilter
fi
touch "$stamp"
