'use strict';

// Preloaded into measured processes: leaves the most memory that the process ever held, in KiB, in a file.
// VmHWM starts anew with the program; the ru_maxrss of resourceUsage also counts what its parent held at the fork.

const { readFileSync, writeFileSync } = require('node:fs');

process.on('exit', () => {
  const file = process.env['BENCH_PEAK_FILE'];
  if (file) writeFileSync(file, String(highWaterMark()));
});

function highWaterMark() {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}
