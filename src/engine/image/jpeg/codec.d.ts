/** The package ships no types. */
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  const start: (options: object) => Promise<unknown>
  export default start
}
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs' {
  const start: (options: object) => Promise<unknown>
  export default start
}
