/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  testTimeout: 600_000, // for what hangs: a busy machine is slow, and no test fails for that
};
