export function electronBinary(env?: NodeJS.ProcessEnv): string | null
export function downloadElectron(limitMilliseconds: number): string | null
export function whyNoWindow(env?: NodeJS.ProcessEnv, platform?: NodeJS.Platform): string | null
