const { transform = {} } = require('../../jest.config.js');

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  transform,
  testMatch: ['<rootDir>/*.e2e.ts'],
  globalSetup: '<rootDir>/confirm.ts',
  testTimeout: 180_000,
};
