/** Things with the same key, in the order of their first. */
export function gather<T, K>(things: Iterable<T>, keyOf: (thing: T) => K): Map<K, T[]> {
  const members = new Map<K, T[]>()
  for (const thing of things) {
    const key = keyOf(thing)
    const there = members.get(key)
    // Pushed, not copied: a set may have one key for a hundred thousand.
    if (there) there.push(thing)
    else members.set(key, [thing])
  }
  return members
}
