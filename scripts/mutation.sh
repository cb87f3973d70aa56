#!/bin/sh
# Changes the code of src/aicr, src/kubernetes and src/run in thousands of places, one at a time, and reports the
# changes that no unit test notices. StrykerJS does this in a copy of the files, since it is not a dependency of the
# project. docs/mutation.md says more.
#
#   scripts/mutation.sh                                          every file: about 25 minutes
#   scripts/mutation.sh aicr/result/status run/plan/selection    some files of src/, without .ts
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=${TMPDIR:-/tmp}/proctor-mutation
mkdir -p "$work" && cd "$work"
rm -rf src test examples docs && mkdir test
cp -r "$root/src" "$root/examples" "$root/docs" . && cp "$root/scripts/mutation-runner.mjs" .
for room in aicr kubernetes run golden; do cp -r "$root/test/$room" test; done
# Left out because they start processes.
sed -i "s/describe('npm run golden'/describe.skip('npm run golden'/" test/aicr/golden.test.ts
# A few generated cases are enough here.
find test -name '*.ts' -exec sed -i -E 's/numRuns: [0-9_]+/numRuns: 5/' {} +
if [ ! -d node_modules/@stryker-mutator/core ] || [ ! -d node_modules/zod ]; then
  echo '{"private": true, "type": "module"}' > package.json
  npm install --no-fund --no-audit @stryker-mutator/core@10.1.1 vitest@5.1.1 fast-check@4.10.2 ctrf@0.3.0 yaml@2.9.1 zod@4.6.7
fi
[ $# -gt 0 ] || set -- 'aicr/**/*' 'kubernetes/**/*' 'run/**/*'
cat > stryker.config.json <<EOT
{
  "mutate": [$(printf '"src/%s.ts",' "$@" | sed 's/,$//')],
  "testRunner": "in-process",
  "plugins": ["$work/mutation-runner.mjs"],
  "coverageAnalysis": "perTest",
  "ignoreStatic": true,
  "concurrency": 1,
  "timeoutMS": 10000,
  "reporters": ["clear-text", "json"],
  "clearTextReporter": { "reportTests": false }
}
EOT
nice -n 19 "$root/node_modules/.bin/node" node_modules/@stryker-mutator/core/bin/stryker.js run
