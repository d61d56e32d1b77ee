/** The packages of the WebAssembly decoders ship no types. */
declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const start: (options: object) => Promise<unknown>
  export default start
}
declare module '@cornerstonejs/codec-openjph' {
  const start: (options: object) => Promise<unknown>
  export default start
}
