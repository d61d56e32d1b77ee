/** Milliseconds of processor that a piece of work takes in this process: the machine may be busy with other tests. */
export function cpuTime(): () => number {
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
}
