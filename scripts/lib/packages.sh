# Sourced by the scripts: installs the system packages that are missing.

packages="pkg-config liblua5.4-dev libcurl4-openssl-dev libsimdjson-dev rapidjson-dev libsqlite3-dev libssl-dev libjemalloc-dev libpcre2-dev zlib1g-dev libzstd-dev"
# What only tests need: luacheck.
test_packages="lua-check"

# The packages among "$@" that are not installed.
missing_packages() {
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
  done
}

# Installs the packages among "$@" that are missing, or says what to type and exits.
install_packages() {
  command -v dpkg-query >/dev/null 2>&1 || return 0 # not a Debian: the build says what it misses
  local missing
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  local line="apt-get update && apt-get install -y --no-install-recommends $missing"
  if [ "$(id -u)" = 0 ]; then
    echo "installing: $missing" >&2
    (eval "$line") >&2 </dev/null || { echo "cannot install; type as root:  $line" >&2; exit 69; }
  elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    echo "installing with sudo: $missing" >&2
    sudo sh -c "$line" >&2 || { echo "cannot install; type:  sudo sh -c '$line'" >&2; exit 69; }
  else
    echo "jobrun needs packages of the system that are missing. Type as root:" >&2
    echo "  $line" >&2
    exit 69
  fi
}

require_swift() {
  command -v swift >/dev/null 2>&1 && return 0
  echo "jobrun needs Swift 6.3 or later on the PATH: https://www.swift.org/install/linux/" >&2
  exit 69
}

# Makes FOLDER a Python environment that can import MODULES, a list with commas, from these packages of PyPI.
#
#   python_environment FOLDER MODULES PACKAGE...
python_environment() {
  local folder=$1 modules=$2
  shift 2
  "$folder/bin/python" -c "import $modules" 2>/dev/null && return 0
  python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
  echo "installing $* into $folder" >&2
  python3 -m venv "$folder" && "$folder/bin/pip" install --quiet "$@" >&2
}
