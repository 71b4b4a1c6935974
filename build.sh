#!/usr/bin/env bash
# The one entry to setting up, training, testing and benchmarking. `./build.sh help` lists the verbs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export DOTNET_NOLOGO=1

readonly native_source=src/TorchShim/native
readonly native_build=src/TorchShim/build
readonly choice_file=torch.provider.props
readonly results=TestResults
readonly restore_limit_seconds=600
readonly hang_limit=20m

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

fail_with_log() { # LOG SENTENCE...
    local log=$1
    shift
    tail -n 60 "$log" >&2
    fail "$* The end of $log stands above."
}

has() { command -v "$1" >/dev/null 2>&1; }

usage() {
    cat <<'USAGE'
Usage: ./build.sh VERB [ARGUMENTS]

  setup         Prepares this machine: checks the .NET SDK, chooses where TorchSharp comes from,
                installs and builds what that needs. A second run costs next to nothing.
  train [ARGS]  Trains the variational autoencoder of examples/MnistVae; ARGS go to its `train` command.
  test          Builds everything and runs all tests; the last line is the verdict.
  bench [ARGS]  Runs the benchmarks of tests/ProbVae.Benchmarks; ARGS go to them.
  help          Prints this text.

Each of train, test and bench runs setup first. docs/setup.md explains the settings:
  TORCH_PROVIDER=package|system   forces NuGet's TorchSharp, or this repository's shim over libtorch
  LIBTORCH=DIR                    takes the libtorch unpacked in DIR (`system` only)
USAGE
}

# ---- Installing with apt -------------------------------------------------------------------------------------------

is_root() { [ "$(id -u)" -eq 0 ]; }

can_become_root() { is_root || { has sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; }; }

as_root() {
    if is_root; then "$@"; else sudo "$@"; fi
}

has_candidate() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep 'Candidate:' | grep -qv '(none)'; }

is_installed() { dpkg-query -W -f '${Status}\n' "$1" 2>/dev/null | grep -q '^install ok installed$'; }

update_package_lists() { as_root apt-get update >"$native_build/apt.log" 2>&1 || true; } # a failing list shows below

install_packages() { # PACKAGE...
    local log=$native_build/apt.log cost
    say "Installing with apt: $*."
    update_package_lists
    cost=$(LC_ALL=C apt-get install --simulate --no-install-recommends "$@" 2>/dev/null |
        grep -c '^Inst ' || true)
    say "That is $cost packages with all they depend on; the log is $log."
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "$@" >>"$log" 2>&1 </dev/null ||
        fail_with_log "$log" "apt could not install $*."
}

require_packages() { # PACKAGE...
    local command="apt-get install --no-install-recommends $*"
    has apt-get || fail "This system has no apt, so please install what Debian calls $*" \
        "with its own package manager and run ./build.sh setup again."
    can_become_root || fail "Packages are missing and installing them needs root, so please ask the administrator" \
        "to run this command and then run ./build.sh setup again: $command"
    install_packages "$@"
}

# ---- The .NET SDK --------------------------------------------------------------------------------------------------

has_dotnet_sdk() { dotnet --version >/dev/null 2>&1; } # honours global.json

require_dotnet_sdk() {
    has_dotnet_sdk && return
    if has apt-cache && has_candidate dotnet-sdk-10.0 && can_become_root; then
        install_packages dotnet-sdk-10.0
        has_dotnet_sdk && return
    fi
    fail "The .NET 10 SDK that global.json asks for is not on the PATH;" \
        "get it from https://dotnet.microsoft.com/download and run ./build.sh setup again."
}

# ---- Choosing the provider of TorchSharp's API ---------------------------------------------------------------------

recorded() { # PROPERTY
    [ -f "$choice_file" ] || return 0
    sed -n "s:.*<$1>\(.*\)</$1>.*:\1:p" "$choice_file"
}

record_choice() { # PROVIDER LIBTORCH_DIRECTORY
    # An unchanged choice leaves the file and its date alone, so that the next build stays incremental.
    if [ "$(recorded TorchProvider)" = "$1" ] && [ "$(recorded LibTorchDirectory)" = "$2" ]; then return; fi
    {
        printf '<Project><PropertyGroup><TorchProvider>%s</TorchProvider>' "$1"
        [ -z "$2" ] || printf '<LibTorchDirectory>%s</LibTorchDirectory>' "$2"
        printf '</PropertyGroup></Project>\n'
    } >"$choice_file"
}

torchsharp_version() { sed -n 's:.*"TorchSharp-cpu" Version="\([^"]*\)".*:\1:p' Directory.Packages.props; }

package_restores() {
    local limit=()
    has timeout && limit=(timeout "$restore_limit_seconds")
    # Its own folder for the restore's results leaves obj/ as the last build made it.
    ${limit[@]+"${limit[@]}"} dotnet restore src/ProbVae/ProbVae.csproj -p:TorchProvider=package \
        -p:MSBuildProjectExtensionsPath="$PWD/$native_build/restore/" -nodeReuse:false \
        >"$native_build/restore.log" 2>&1 </dev/null
}

choose_provider() { # prints the provider; says on standard error what it tried
    local recorded_choice forced=${TORCH_PROVIDER:-}
    recorded_choice=$(recorded TorchProvider)
    case ${forced:-$recorded_choice} in
    '' | package | system) ;;
    *) fail "The TorchSharp provider is '${forced:-$recorded_choice}'; it must be 'package' or 'system'" \
        "(environment variable TORCH_PROVIDER, or the file $choice_file)." ;;
    esac

    if [ "$forced" = system ]; then
        echo system
    elif [ "$recorded_choice" = package ] || { [ -z "$forced" ] && [ -n "$recorded_choice" ]; }; then
        echo "$recorded_choice"
    else
        say "Asking NuGet for TorchSharp-cpu $(torchsharp_version)." >&2
        if package_restores; then
            echo package
        elif [ "$forced" = package ]; then
            fail_with_log "$native_build/restore.log" "NuGet could not restore TorchSharp-cpu $(torchsharp_version)."
        else
            say "NuGet does not have it here, so the shim in src/TorchShim takes its place." >&2
            echo system
        fi
    fi
}

# ---- The system provider: this machine's libtorch and the native half of the shim ----------------------------------

has_openblas() { is_installed libopenblas0-openmp || is_installed libopenblas0-pthread; }

missing_packages() { # LIBTORCH_DIRECTORY; one package a line
    has g++ || echo g++
    has cmake || echo cmake
    has make || echo make
    [ -z "$1" ] || return 0
    is_installed libtorch-dev || echo libtorch-dev
    has_openblas || echo libopenblas0-openmp
}

require_libtorch() { # LIBTORCH_DIRECTORY
    local packages=() package
    if [ -n "$1" ]; then
        [ -e "$1/lib/libtorch_cpu.so" ] ||
            fail "LIBTORCH is '$1', but there is no lib/libtorch_cpu.so in it; name the folder that libtorch" \
                "was unpacked to (environment variable LIBTORCH, or the file $choice_file)."
    elif ! has apt-get; then
        fail "This system has no apt to install libtorch with, so please unpack the C++ libtorch from" \
            "https://pytorch.org/get-started/locally and run LIBTORCH=ITS_FOLDER ./build.sh setup."
    fi
    while read -r package; do packages+=("$package"); done < <(missing_packages "$1")
    [ ${#packages[@]} -eq 0 ] || require_packages "${packages[@]}"
}

libtorch_name() { # LIBTORCH_DIRECTORY
    if [ -n "$1" ]; then
        echo "the libtorch in $1"
    else
        echo "libtorch $(dpkg-query -W -f '${Version}' libtorch-dev)"
    fi
}

native_fingerprint() { # LIBTORCH_DIRECTORY
    {
        libtorch_name "$1"
        [ -z "$1" ] || stat -Lc '%s %Y' "$1/lib/libtorch_cpu.so"
        find "$native_source" -type f -print0 | sort -z | xargs -0 cat
    } | cksum
}

is_stamped() { [ "$(cat "$native_build/$1.stamp" 2>/dev/null || true)" = "$2" ]; } # STEP FINGERPRINT

stamp() { printf '%s\n' "$2" >"$native_build/$1.stamp"; } # STEP FINGERPRINT

build_native() { # LIBTORCH_DIRECTORY
    local fingerprint log=$native_build/native.log
    fingerprint=$(native_fingerprint "$1")
    if is_stamped native "$fingerprint" && [ -x "$native_build/torchprobe" ] &&
        [ -f "$native_build/libtorchshim.so" ]; then return; fi

    say "Building the native library of src/TorchShim over $(libtorch_name "$1")."
    rm -f "$native_build/native/CMakeCache.txt" "$native_build/native.stamp" # the cache may name another libtorch
    {
        cmake -S "$native_source" -B "$native_build/native" -DCMAKE_BUILD_TYPE=Release -DLIBTORCH="$1" &&
            cmake --build "$native_build/native" --parallel 2
    } >"$log" 2>&1 || fail_with_log "$log" "The native library did not build."
    stamp native "$fingerprint"
}

probe_libraries() { ldd "$native_build/torchprobe" | awk '/torch_cpu|blas|lapack|mkl/ && $3 ~ /^\// { print $3 }'; }

blas_in_use() { probe_libraries | grep -m 1 'libblas' | xargs -r readlink -f; }

probe_fingerprint() {
    local library
    {
        uname -m
        while read -r library; do stat -Lc '%n %s %Y' "$(readlink -f "$library")"; done < <(probe_libraries)
    } | cksum
}

remedy() { # LIBTORCH_DIRECTORY
    local alternative
    if [ -n "$1" ]; then
        echo "Take a libtorch that was built with OpenBLAS or MKL instead of the one in $1."
    elif ! has_openblas; then
        echo "Install OpenBLAS: apt-get install libopenblas0-openmp"
    else
        alternative=libblas.so.3-$(g++ -dumpmachine)
        echo "OpenBLAS is installed, but $(blas_in_use) is in use; switch with:" \
            "update-alternatives --auto $alternative (or --config $alternative; check LD_LIBRARY_PATH too)"
    fi
}

# libtorch's matrix products are 15 to 50 times slower on the reference BLAS that Debian's libtorch also accepts.
measure_blas() { # LIBTORCH_DIRECTORY
    local fingerprint speed code=0
    fingerprint=$(probe_fingerprint)
    if is_stamped blas "$fingerprint"; then return; fi
    speed=$("$native_build/torchprobe" 2>&1) || code=$?
    case $code in
    0) say "Measured a 1024x1024 matrix product: $speed." ;;
    1) fail "This machine's libtorch runs on the slow reference BLAS ($speed)," \
        "which trains many times slower than an optimised one. $(remedy "$1")" ;;
    *) fail "libtorch does not work on this machine ($native_build/torchprobe ended with code $code): $speed" ;;
    esac
    stamp blas "$fingerprint"
}

setup_system() { # LIBTORCH_DIRECTORY
    require_libtorch "$1"
    build_native "$1"
    measure_blas "$1"
}

setup() {
    local provider libtorch
    mkdir -p "$native_build"
    require_dotnet_sdk
    provider=$(choose_provider)
    if [ "$provider" = package ]; then
        record_choice package ''
        say "Set up: TorchSharp-cpu $(torchsharp_version) from NuGet."
    else
        libtorch=${LIBTORCH-$(recorded LibTorchDirectory)}
        [ ! -d "$libtorch" ] || libtorch=$(cd "$libtorch" && pwd)
        setup_system "$libtorch"
        record_choice system "$libtorch"
        say "Set up: src/TorchShim over $(libtorch_name "$libtorch")."
    fi
}

# ---- Tests ---------------------------------------------------------------------------------------------------------

test_projects() { grep -l 'Microsoft.NET.Test.Sdk' tests/*/*.csproj || true; }

counter() { # TRX_FILE NAME; one of the numbers that VSTest writes into <Counters .../>
    local value
    value=$(grep -o '<Counters [^>]*' "$1" | grep -o " $2=\"[0-9]*\"" | head -n 1 | tr -dc '0-9' || true)
    echo "${value:-0}"
}

run_test_project() { # PROJECT; adds to passed, failed and skipped
    local name code=0 trx project_failed=0 part
    name=$(basename "$1" .csproj)
    trx=$results/$name.trx
    say "Testing $name."
    dotnet test "$1" -c Release --no-build --nologo --results-directory "$results" \
        --logger "trx;LogFileName=$name.trx" \
        --blame-hang-timeout "$hang_limit" --blame-hang-dump-type none </dev/null || code=$?

    if [ -f "$trx" ]; then
        for part in failed error timeout aborted; do
            project_failed=$((project_failed + $(counter "$trx" "$part")))
        done
        passed=$((passed + $(counter "$trx" passed)))
        skipped=$((skipped + $(counter "$trx" total) - $(counter "$trx" executed)))
    fi
    if [ "$code" -ne 0 ] && [ "$project_failed" -eq 0 ]; then
        say "$name ended with code $code before its tests were done; that counts as one failure."
        project_failed=1
    fi
    failed=$((failed + project_failed))
}

verdict() {
    local line="$passed passed, $failed failed"
    [ "$skipped" -eq 0 ] || line+=", $skipped skipped"
    [ "$((passed + failed))" -gt 0 ] || say "No test ran, which counts as a failure."
    say "$line"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

run_tests() {
    local passed=0 failed=0 skipped=0 project
    rm -rf "$results"
    mkdir -p "$results"
    say "Building ProbVae.sln."
    if dotnet build ProbVae.sln -c Release -v q -clp:NoSummary --nologo </dev/null; then
        while read -r project; do run_test_project "$project"; done < <(test_projects)
    else
        say "The build failed, so no test could run."
    fi
    verdict
}

run_benchmarks() {
    local project=tests/ProbVae.Benchmarks
    [ -d "$project" ] || fail "There is no $project in this checkout, so there is nothing to measure."
    dotnet run -c Release --project "$project" -- "$@"
}

# ---- Verbs ---------------------------------------------------------------------------------------------------------

verb=${1:-help}
[ $# -eq 0 ] || shift
case $verb in
setup) setup ;;
train)
    setup
    dotnet run -c Release --project examples/MnistVae -- train "$@"
    ;;
test)
    setup
    run_tests
    ;;
bench)
    setup
    run_benchmarks "$@"
    ;;
help | -h | --help) usage ;;
*)
    say "There is no verb '$verb'." >&2
    usage >&2
    exit 2
    ;;
esac
