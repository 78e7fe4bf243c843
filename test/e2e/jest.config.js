const { testEnvironment, transform } = require('../../jest.config.js');

/** @type {import('jest').Config} */
module.exports = { testEnvironment, transform, testMatch: ['<rootDir>/*.e2e.ts'], testTimeout: 180_000 };
