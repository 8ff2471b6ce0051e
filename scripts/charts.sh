#!/usr/bin/env bash
# Bring the part of Plotly's scripts that fits the installed version: charts.sh PYTHON FOLDER
set -euo pipefail
python=$1 folder=$2
version=$("$python" -c 'from plotly.offline import get_plotlyjs_version; print(get_plotlyjs_version())')
command -v npm >/dev/null || { echo "npm is needed to bring Plotly's scripts. On Debian: apt-get install npm" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "plotly.js-cartesian-dist-min@$version" >/dev/null && tar xzf ./*.tgz)
cp "$work/package/plotly-cartesian.min.js" "$folder/"
echo "Plotly $version, in $folder."
