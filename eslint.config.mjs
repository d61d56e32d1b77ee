/**
 * The lint rules, and among them the arrows between the rooms: what ARCHITECTURE.md's table says, this file enforces.
 */
import boundaries from 'eslint-plugin-boundaries'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const fronts = ['main', 'preload', 'host', 'cli', 'renderer']

/** Room of the engine → the rooms it may import, beside `shared`. */
const engineRooms = {
  tensor: [],
  image: ['tensor'],
  phantom: ['tensor', 'image'],
  onnx: ['tensor'],
  autodiff: ['onnx', 'tensor'],
  runtime: ['onnx', 'tensor'],
  nn: ['onnx', 'autodiff', 'tensor'],
  bundle: ['runtime', 'image', 'onnx', 'tensor'],
  dataset: ['bundle', 'image', 'tensor'],
  attacks: ['screening', 'nn', 'runtime', 'autodiff', 'onnx', 'dataset', 'bundle', 'image', 'tensor', 'job-definition'],
  screening: ['runtime', 'bundle', 'dataset', 'image', 'onnx', 'tensor', 'job-definition'],
  calibration: ['attacks', 'screening', 'runtime', 'bundle', 'dataset', 'image', 'tensor', 'job-definition'],
  'data-check': ['screening', 'bundle', 'dataset', 'image', 'tensor', 'job-definition'],
  training: ['calibration', 'data-check', 'nn', 'attacks', 'bundle', 'dataset', 'screening', 'image', 'runtime', 'autodiff', 'onnx', 'tensor', 'jobs', 'job-definition'],
  devices: ['attacks', 'nn', 'runtime', 'autodiff', 'onnx', 'bundle', 'tensor', 'job-definition'],
  report: ['bundle', 'image', 'tensor'],
  history: ['bundle'],
  batch: ['history', 'settings', 'screening', 'report', 'runtime', 'bundle', 'dataset', 'image', 'onnx', 'tensor', 'jobs', 'job-definition'],
  audit: ['attacks', 'report', 'screening', 'runtime', 'bundle', 'dataset', 'image', 'onnx', 'tensor', 'jobs', 'job-definition'],
  jobs: ['bundle'],
  settings: ['bundle'],
  models: ['autodiff', 'bundle', 'dataset', 'runtime', 'image', 'onnx', 'tensor', 'job-definition'],
  tools: ['batch', 'screening', 'phantom', 'autodiff', 'bundle', 'dataset', 'runtime', 'image', 'onnx', 'tensor'],
}

/** Everything else, likewise. `engine` is the engine's facade: the files that lie in `src/engine/` itself. */
const arrows = {
  shared: [],
  ...engineRooms,
  engine: [...Object.keys(engineRooms), 'job-definition'],
  host: ['engine'],
  cli: ['engine', 'history', 'models', 'tools', 'host'],
  main: ['engine', 'host', 'job-definition'],
  preload: [],
  renderer: [],
}

const elements = [
  ...Object.keys(engineRooms).map((room) => ({ type: room, pattern: `src/engine/${room}`, partialMatch: false })),
  // A room that the table above does not know may import nothing and be imported by nobody.
  { type: 'undeclared-room', pattern: 'src/engine/*', partialMatch: false },
  ...['shared', 'engine', ...fronts].map((type) => ({ type, pattern: `src/${type}`, partialMatch: false })),
]

const destination = (type) => (type === 'job-definition' ? { file: { categories: 'job-definition' } } : { element: { type } })

const policies = Object.entries(arrows).map(([room, others]) => ({
  from: { element: { type: room } },
  allow: { to: [room, 'shared', ...others].map(destination) },
}))

/** Packages that only some files may import. */
const electronOnly = { name: 'electron', message: 'electron is imported in src/main and src/preload alone.' }
const runtimeOnly = { name: 'onnxruntime-node', message: 'onnxruntime-node is imported in src/engine/runtime alone.' }
const noNode = { group: ['node:*'], message: 'This code also runs in a page, where Node is not.' }

const restrict = (paths, patterns = []) => ({ '@typescript-eslint/no-restricted-imports': ['error', { paths, patterns }] })

export default tseslint.config(
  { ignores: ['out/', 'node_modules/', 'dist/', 'coverage/', 'test-results/'] },
  {
    files: ['**/*.{ts,tsx,mjs}'],
    extends: [tseslint.configs.recommended],
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      'no-console': 'off',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': elements,
      'boundaries/files': [{ category: 'job-definition', pattern: 'src/engine/jobs/definition.ts' }],
      // Imports here are relative and without an ending, which is all that this resolver has to know.
      'import/resolver': { node: { extensions: ['.ts', '.tsx', '.mjs', '.json'] } },
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          message: 'The room {{from.element.types}} may not import {{to.element.types}}; see the table of rooms in ARCHITECTURE.md.',
          policies: [...policies, { from: { element: { type: '*' } }, allow: { to: { module: { origin: ['external', 'core'] } } } }],
        },
      ],
      'boundaries/no-unknown-files': 'error',
      ...restrict([electronOnly, runtimeOnly]),
    },
  },
  { files: ['src/main/**', 'src/preload/**'], rules: restrict([runtimeOnly]) },
  { files: ['src/engine/runtime/**'], rules: restrict([electronOnly]) },
  { files: ['src/shared/**', 'src/renderer/**', 'src/preload/**'], rules: restrict([electronOnly, runtimeOnly], [noNode]) },
  { files: ['src/preload/**'], rules: restrict([runtimeOnly], [noNode]) },
  {
    files: ['src/renderer/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat.recommended],
    // It takes a DOM element kept in state for state, and setting its scroll position for a mutation.
    rules: { 'react-hooks/immutability': 'off' },
  },
  { files: ['test/**'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
)
