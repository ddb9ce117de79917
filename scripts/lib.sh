# shellcheck shell=bash
# Sourced by the other scripts: numbered steps with the time that has passed.

step_number=0

# step OF "说明" "explanation": says what happens now.
step() {
  step_number=$((step_number + 1))
  printf '\n[%d/%d] %02d:%02d  %s · %s\n' "$step_number" "$1" $((SECONDS / 60)) $((SECONDS % 60)) "$2" "$3"
}

# fail "说明" "explanation": says why nothing more happens.
fail() {
  printf '\n✗ %s · %s\n' "$1" "$2" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# debian PACKAGE…: installs those of the packages that are absent.
debian() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "    apt-get install ${missing[*]}"
  as_root apt-get update -q >/dev/null
  # PostgreSQL's package would start a server of its own on 5432; nobody here wants it.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
}
