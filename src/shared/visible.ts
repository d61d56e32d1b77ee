/** Text from anywhere (names of files, tags of DICOM, names in models) made safe to look at. */

/** Stands for a character that cannot be shown. */
export const codePointText = (character: string): string => `⟨U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`

/** Controls, marks that turn the direction of text, lone surrogates, characters for private use or for nothing. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/gu

/**
 * Text without what is invisible, commands a terminal, or turns the order of what stands beside it: a name must not look
 * like another.
 */
export const visible = (text: string): string => text.replace(unseen, (character) => codePointText(character))
