/** @type {[string, Record<string, unknown>]} */
const typescript = ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }];

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  // What is published as modules of ECMAScript only is made into what Jest can load.
  transform: {
    '\\.ts$': typescript,
    '/node_modules/(?:@secretlint|age-encryption|@noble|@scure)/.*\\.js$': typescript,
  },
  transformIgnorePatterns: ['/node_modules/(?!(?:@secretlint|age-encryption|@noble|@scure)/)'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  maxWorkers: '100%', // of the cores; Jest itself leaves one of two idle
  testTimeout: 600_000, // for what hangs: a busy machine is slow, and no test fails for that
};
