# Read by ./run and ./test, which set `root`. Sets `python` to one that the studio can use, or ends with a sentence.
case "$(uname -s) $(uname -m)" in
    "Linux x86_64" | "Linux aarch64" | "Linux arm64" | "Darwin x86_64" | "Darwin arm64") ;;
    *)
        echo "Huo runs on Linux (x86-64 or arm64) and macOS, not on $(uname -s) $(uname -m): use one of those, or a virtual machine." >&2
        exit 1
        ;;
esac
python=
for candidate in "$root/.venv/bin/python" python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Huo needs Python 3.11, 3.12 or 3.13 and found none of them: install one (Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python@3.13), then start again." >&2
    exit 1
fi
