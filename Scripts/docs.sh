#!/usr/bin/env bash
# Makes the site of the documentation, .build/documentation/site: the pages of Documentation/, each module's README and the
# comments of its public symbols, by the docc that comes with Swift. Fails at a warning, and where a public symbol has no
# comment. swift-docc-plugin is not used: it would be one more dependency of everybody who builds the library, and makes no
# pages of settings, commands and READMEs. Run by `make docs`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
swift=${SWIFT:-swift}
work=.build/documentation/work
site=.build/documentation/site
# What the products bring, the lower first: a module's pages may link to those before it.
modules=(Basis Settings Measurements StableHLO Tensors Datasets NN Flows Compute Models Sampling Quality Training Experiments
    Reports FlowMatchingLaws FlowMatchingCommands)

fail() {
    echo "docs: $*" >&2
    exit 1
}

docc=${DOCC:-$(dirname "$(readlink -f "$(command -v "$swift")")")/docc}
[[ -x $docc ]] || docc=$(command -v docc) || fail "docc, which comes with Swift, is not found: set DOCC to it"
extract=$(dirname "$docc")/swift-symbolgraph-extract
[[ -x $extract ]] || fail "$extract, which comes with Swift, is missing"

# A build of the tests holds the modules as well: nothing is then compiled anew.
"$swift" build
build=$("$swift" build --show-bin-path)
rm -rf "$work"
mkdir -p "$work"

maps=()
for map in "$build"/C*.build/module.modulemap; do maps+=(-Xcc "-fmodule-map-file=$map"); done
for headers in Sources/C*/include; do maps+=(-Xcc "-I$headers"); done
target=$("$swift" -print-target-info | python3 -c 'import json, sys; print(json.load(sys.stdin)["target"]["unversionedTriple"])')
for module in "${modules[@]}"; do
    mkdir -p "$work/$module"
    "$extract" -module-name "$module" -I "$build/Modules" "${maps[@]}" -target "$target" -output-dir "$work/$module" \
        -minimum-access-level public -skip-synthesized-members -emit-extension-block-symbols
done

"$build/flowmatch" settings --json >"$work/settings.json"
"$build/flowmatch" --experimental-dump-help >"$work/commands.json"
python3 -B Scripts/docs.py comments "$work" "${modules[@]}"
python3 -B Scripts/docs.py catalogues "$work" "${modules[@]}"

# convert CATALOGUE NAME ARGUMENT...
archives=()
convert() {
    local known=() archive
    for archive in "${archives[@]}"; do known+=(--dependency "$archive"); done
    "$docc" convert "$1" --output-dir "$work/$2.doccarchive" --fallback-bundle-identifier "flow-matching.$2" \
        --fallback-display-name "$2" --fallback-default-module-kind Module --enable-experimental-external-link-support \
        --warnings-as-errors "${known[@]}" "${@:3}" || fail "the pages of $2 have warnings"
    archives+=("$work/$2.doccarchive")
}
for module in "${modules[@]}"; do
    convert "$work/$module.docc" "$module" --additional-symbol-graph-dir "$work/$module"
done
convert "$work/FlowMatching.docc" FlowMatching

rm -rf "$work/site"
"$docc" merge "${archives[@]: -1}" "${archives[@]:0:${#archives[@]}-1}" --output-path "$work/site" \
    --synthesized-landing-page-name "Flow matching in Swift"
cat >"$work/site/index.html" <<'PAGE'
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Flow matching in Swift</title>
<meta http-equiv="refresh" content="0; url=documentation/flowmatching/">
<a href="documentation/flowmatching/">Flow matching in Swift</a>
</html>
PAGE
rm -rf "$site"
mv "$work/site" "$site"
rm -rf "$work"
echo "docs: $site, $(find "$site/data" -name '*.json' | wc -l) pages; look at it by" \
    "\`python3 -m http.server --directory $site\`"
