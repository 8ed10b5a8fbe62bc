#!/usr/bin/env bash
# Installs what the clients of the interop suite need and this machine lacks: Debian packages when root, npm packages of the
# committed lock file. Whatever cannot be had is told; the suite then skips its clients, or fails where CI is set.
# Usage: tests/interop/install.sh [VENV]     a node that is too old is replaced by one from PyPI in that venv
set -uo pipefail
venv=$(realpath --canonicalize-missing "${1:-$(dirname "$0")/../../.venv}")
cd "$(dirname "$0")"
node_min=20

missing=()
need() { # CHECK PACKAGE...
  if ! eval "$1" >/dev/null 2>&1; then missing+=("${@:2}"); fi
}

need 'command -v curl' curl
need 'command -v g++' g++
need 'php -r "exit(extension_loaded(\"soap\") ? 0 : 1);"' php-cli php-soap php-xml
need 'perl -MSOAP::Lite -e1' libsoap-lite-perl
need 'command -v wsdl2perl' libsoap-wsdl-perl
need 'command -v wsdl2h' gsoap
need '[ -e /usr/include/stdsoap2.h ]' libgsoap-dev
need '[ -e /usr/include/openssl/sha.h ]' libssl-dev
need '[ -e /usr/include/zlib.h ]' zlib1g-dev
need 'command -v javac' openjdk-17-jdk-headless
need 'command -v wsimport && [ -e /usr/share/java/jaxws-rt.jar ]' jaxws libjaxws-java
need '[ -e /usr/share/java/axis.jar ] && [ -e /usr/share/java/javax.mail.jar ]' libaxis-java libmail-java
need 'command -v wsdl && command -v mcs' mono-devel
need 'ruby -e "require \"soap/wsdlDriver\"; require \"httpclient\""' ruby-soap4r ruby-httpclient

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "interop: installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    install=(apt-get install -y -qq --no-install-recommends -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
    apt-get update -qq
    # One that is not to be had must not cost the others.
    "${install[@]}" "${missing[@]}" >/dev/null ||
      for package in "${missing[@]}"; do
        "${install[@]}" "$package" >/dev/null || echo "interop: $package cannot be installed" >&2
      done
  else
    echo "interop: missing ${missing[*]}   (Debian: sudo apt-get install ${missing[*]})" >&2
  fi
fi

# Debian's npm is five hundred packages and its node too old for npm soap; PyPI has both in one wheel.
has_node() { [ "$(node --version 2>/dev/null | tr -d v | cut -d. -f1)" -ge "$node_min" ] 2>/dev/null && command -v npm >/dev/null; }
export PATH="$venv/bin:$PATH"
if ! has_node && [ -x "$venv/bin/pip" ]; then
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement node-requirements.txt
  hash -r
fi
stamp=node_modules/.installed
if ! has_node; then
  echo "interop: no node $node_min or newer with npm; its two clients are missing" >&2
elif [ ! -e "$stamp" ] || [ package-lock.json -nt "$stamp" ]; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch "$stamp"
fi
exit 0
