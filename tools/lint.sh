#!/usr/bin/env bash
# `lint.sh check` runs every check and names those that failed; `lint.sh format` rewrites the C++ files.
# The compile commands come from build/release, which `./dev lint` brings up to date first.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

jobs=${BACKSPIKE_JOBS:-$(nproc)}
longest_file=650  # lines; a longer file is a signal to split
failed=()

# Tracked and new files, not ignored ones. Root may lint a clone that another user owns; git would refuse it.
files() {
  git -c safe.directory="$PWD" ls-files -z --cached --others --exclude-standard -- "$@" |
    while IFS= read -r -d '' file; do
      if [[ -f $file ]]; then
        printf '%s\0' "$file"
      fi
    done
}
cpp_files() { files '*.cpp' '*.hpp'; }

check_format() { cpp_files | xargs -0 -r clang-format --dry-run --Werror; }

check_length() {
  files '*.cpp' '*.hpp' '*.py' '*.sh' '*.cmake' dev | xargs -0 -r awk -v longest="$longest_file" '
    FNR == longest + 1 { print FILENAME ": longer than " longest " lines"; bad = 1 }
    END { exit bad }'
}

# What the standard library asks of the file system throws errors of its own, without a word for users; and a file that is
# written elsewhere may stay half-written. core/file.hpp has both.
check_files() {
  local questions='filesystem::(exists|is_|file_size|status|create_|remove|rename|copy|resize|equivalent|space'
  questions+='|absolute|canonical|weakly_canonical|relative|proximate|current_path|(recursive_)?directory_)'
  ! files 'src/*.cpp' 'src/*.hpp' 'apps/*.cpp' 'apps/*.hpp' 'python/src/*.cpp' |
    xargs -0 -r grep -nE "$questions|ofstream|\bfopen\(" | grep -v '^src/core/system/file.cpp:'
}

check_paths() { python3 tools/check_paths.py; }

check_openings() { python3 tools/check_openings.py; }

check_floors() { python3 tools/check_floors.py; }

# What the sources of the library include before everything else.
first_includes() { files 'src/*.cpp' | xargs -0 -r awk '/^#include/ { print $2; nextfile }' | tr -d '<>"'; }

# A public header must compile on its own, whatever its user included before it. One that a source includes first did so
# in the build.
check_headers() {
  # shellcheck disable=SC2016  # expanded by the inner shell
  files 'include/*.hpp' | tr '\0' '\n' | sed 's|^include/||' | grep -vxF "$(first_includes)" |
    xargs -r -n 1 -P "$jobs" sh -c '
    printf "#include <%s>\n" "$1" |
      g++ -std=c++20 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c++ - ||
      { echo "include/$1: does not compile on its own"; exit 1; }' sh
}

check_docs() {
  mkdir -p build/docs
  doxygen docs/Doxyfile >/dev/null
}

check_tidy() { python3 tools/tidy.py build/release "$jobs"; }

run() {
  local title=$1 start=$SECONDS
  shift
  echo "lint: $title"
  if ! "$@"; then
    failed+=("$title")
    echo "lint: FAILED: $title"
  fi
  local took=$((SECONDS - start))
  if [[ $took -gt 5 ]]; then
    echo "lint: took $took s"
  fi
}

check() {
  if ! files CMakeLists.txt | grep -q .; then
    echo "lint: git lists no files here; the checks need a clone" >&2
    return 1
  fi
  run "file lengths (at most $longest_file lines)" check_length
  run "formatting (./dev format repairs it)" check_format
  run "files through core/file.hpp only" check_files
  run "paths named in documentation and comments" check_paths
  run "files say what they are for" check_openings
  run "modules include downwards, and no folder is full" check_floors
  run "public headers compile on their own" check_headers
  run "doxygen without a warning" check_docs
  run "clang-tidy (takes minutes)" check_tidy
  if [[ ${#failed[@]} -gt 0 ]]; then
    printf 'lint: FAILED: %s\n' "${failed[@]}"
    return 1
  fi
  echo "lint: passed"
}

case ${1:-} in
  check) check ;;
  format) cpp_files | xargs -0 -r clang-format -i ;;
  *)
    echo "usage: tools/lint.sh check|format" >&2
    exit 2
    ;;
esac
