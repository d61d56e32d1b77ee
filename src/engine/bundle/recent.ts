/** What was asked for lately, by name: made at the first asking, and let go once others were asked for more lately. */
export class Recent<T> {
  /** A Map remembers the order of insertion: what was asked for last stands last. */
  private readonly kept = new Map<string, T>()

  /** @param most how many are kept */
  constructor(
    private readonly most: number,
    private readonly make: (name: string) => T,
  ) {}

  of(name: string): T {
    const value = this.kept.get(name) ?? this.make(name)
    this.kept.delete(name)
    this.kept.set(name, value)
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= this.most) break
      this.kept.delete(oldest)
    }
    return value
  }
}
