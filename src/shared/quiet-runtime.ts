/**
 * ONNX Runtime's Linux and macOS binaries carry Microsoft's telemetry, switched on: a session looks up a host of
 * Microsoft's and leaves a device id in the user's cache. Assay makes no network traffic, so it is switched off.
 *
 * The native library reads the process's environment; inside a worker thread `process.env` is a copy that it never
 * sees. Whoever starts the process or the thread in which the engine runs therefore sets these, before it starts.
 */
export const quietRuntime = { ORT_DISABLE_TELEMETRY: '1' } as const
