/** The look of what floats over the page: menus, choices, small panels. Width and inner space are each one's own. */
export const floating = 'z-40 rounded-lg border border-line-strong bg-raised shadow-2xl shadow-black/60'
/** A line of a menu that the keyboard or the pointer is on. */
export const menuItem = 'rounded-md px-3 py-1.5 outline-none data-[highlighted]:bg-accent-deep'
