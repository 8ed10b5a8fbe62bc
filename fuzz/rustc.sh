#!/bin/sh
# The compiler of this workspace's own crates when `cargo xtask fuzz` builds: it counts which edges the code takes, which is
# what libFuzzer goes by. A stable compiler has the pass; cargo-fuzz sets the same flags. Crates from elsewhere come through
# cargo unchanged, so a build that was there before is used again.
#
# Cargo knows this file by its path alone: whoever changes a flag builds into a new target folder.
case " $* " in
  # Runs in the compiler or in cargo, where nothing takes the counts.
  *" --crate-type proc-macro "* | *" --crate-name build_script_build "* | *" --print"* | *" -vV "*) exec "$@" ;;
esac
exec "$@" -Copt-level=1 -Cdebuginfo=0 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0
