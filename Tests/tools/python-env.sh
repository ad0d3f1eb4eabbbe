#!/bin/sh
# Makes the Python environment that the tests' foreign services run in, once, and prints the path of its python. `python-env.sh files`
# makes that of the writers of workbooks and the servers of files.
# `python-env.sh zeep` makes that of the reader of service descriptions that ours is compared with.
# `python-env.sh wechat` makes that of WeChat's own cryptography; `python-env.sh browser` that which drives a browser.
# Safe to run many times and from many processes at once.
# `python-env.sh grafana` makes that of Grafana's own model of a dashboard, `python-env.sh lineage` that of OpenLineage's own classes.
# `python-env.sh scan` makes that of the scanner that attacks a running server.
# `python-env.sh tink` makes that of the library by whose form backups are encrypted.
set -eu
dir="${HEARTH_PYTHON_ENV:-$HOME/.cache/hearth/python}"
[ "${1:-}" = files ] && dir="$dir-files"
[ "${1:-}" = zeep ] && dir="$dir-zeep"
[ "${1:-}" = tink ] && dir="$dir-tink"
[ "${1:-}" = grafana ] && dir="$dir-grafana"
[ "${1:-}" = wechat ] && dir="$dir-wechat"
[ "${1:-}" = lineage ] && dir="$dir-lineage"
[ "${1:-}" = browser ] && dir="$dir-browser"
[ "${1:-}" = scan ] && dir="$dir-scan"
packages="spyne==2.14.0 lxml==6.1.3 six==1.17.0 pytz==2026.6 schemathesis==4.32.5 mcp==2.3.0"
[ "${1:-}" = files ] && packages="openpyxl==3.1.5 xlsxwriter==3.3.1 pyftpdlib==2.2.0 pyopenssl==26.4.0 asyncssh==2.24.1"
[ "${1:-}" = zeep ] && packages="zeep==4.3.2"
[ "${1:-}" = wechat ] && packages="wechatpy==1.8.18 cryptography==50.0.2"
[ "${1:-}" = browser ] && packages="playwright==1.65.2 axe-playwright-python==0.1.8"
[ "${1:-}" = scan ] && packages="wapiti3==3.2.3"
[ "${1:-}" = lineage ] && packages="openlineage-python==1.54.0"
[ "${1:-}" = tink ] && packages="tink==1.10.0"
[ "${1:-}" = grafana ] && packages='grafana-foundation-sdk==1769699998!10.1.0'
mkdir -p "$(dirname "$dir")"
exec 9>"$dir.lock"
flock 9
if [ "$(cat "$dir/packages" 2>/dev/null || true)" != "$packages" ]; then
    rm -rf "$dir"
    python3 -m venv "$dir" >&2
    # shellcheck disable=SC2086
    "$dir/bin/python" -m pip install --quiet --disable-pip-version-check $packages >&2
    printf '%s\n' "$packages" >"$dir/packages"
fi
echo "$dir/bin/python"
