/** Boxes as JP2 and JPEG XL files have them, for files of the tests' own. */
export function box(type: string, content: Uint8Array | readonly number[]): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + content.length)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, Buffer.from(content)])
}
