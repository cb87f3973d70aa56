#!/bin/sh
# What of src/contract the unit tests do not notice when it is changed: StrykerJS, in a copy of what it needs, since its packages are not
# the project's. Some minutes for all of it; `scripts/mutation.sh log sentinels` for two files. docs/mutation.md has the results.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=${TMPDIR:-/tmp}/proctor-mutation
mkdir -p "$work" && cd "$work"
rm -rf src test && mkdir test
cp -r "$root/src" . && cp -r "$root/test/contract" "$root/test/golden" test && cp "$root/scripts/mutation-runner.mjs" .
# These look at the sources as text, or start processes: changed sources are not what they are about.
rm test/lint/pure.test.ts
sed -i "s/describe('npm run golden'/describe.skip('npm run golden'/" test/aicr/golden.test.ts
# A few of the generated cases are enough here, and the same ones every time.
sed -i -E 's/numRuns: [0-9_]+/numRuns: 5/' test/contract/*.ts
if [ ! -d node_modules/@stryker-mutator/core ]; then
  echo '{"private": true, "type": "module"}' > package.json
  npm install --no-fund --no-audit @stryker-mutator/core@10.1.1 vitest@5.1.1 fast-check@4.10.2 ctrf@0.3.0 yaml@2.9.1
fi
[ $# -gt 0 ] || set -- '*'
cat > stryker.config.json <<EOF
{
  "mutate": [$(printf '"src/contract/%s.ts",' "$@" | sed 's/,$//')],
  "testRunner": "in-process",
  "plugins": ["$work/mutation-runner.mjs"],
  "coverageAnalysis": "perTest",
  "ignoreStatic": true,
  "concurrency": 1,
  "timeoutMS": 10000,
  "reporters": ["clear-text", "json"],
  "clearTextReporter": { "reportTests": false }
}
EOF
nice -n 19 "$root/node_modules/.bin/node" node_modules/@stryker-mutator/core/bin/stryker.js run
