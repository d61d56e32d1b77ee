/**
 * Two kinds of tests: `unit`, which need nothing but Node, and `e2e`, which drive the built application in a browser.
 */
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/e2e/**'],
          environment: 'node',
          // The sources as they are; the built workers have tests of their own.
          env: { ASSAY_DECODE: 'inline' },
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Vitest leaves a core to itself, which on two of them leaves one to the tests.
          maxWorkers: Math.max(2, availableParallelism() - 1),
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          environment: 'node',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // A busy machine may take its time; what is wrong stays wrong.
          expect: { poll: { timeout: 15_000 } },
          // Two browsers at once: each file has a server, a data folder and windows of its own, and most of the time is waited.
          maxWorkers: 2,
        },
      },
    ],
  },
})
