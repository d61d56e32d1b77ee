/** Space does two things: held with a drag it pans, tapped alone it resets. This tells the two apart. */
let held = false
let spent = false

export const isSpaceHeld = (): boolean => held

/** The drag used Space up: letting go of it no longer counts as a tap. */
export function spendSpaceOnDrag(): void {
  if (held) spent = true
}

export function pressSpace(): void {
  if (!held) spent = false
  held = true
}

/** True when it was a tap. */
export function releaseSpace(): boolean {
  const tapped = held && !spent
  held = false
  return tapped
}
