/// <reference types="vite/client" />

/** Put in by the build (electron.vite.config.ts). */
declare const __SHIPPED_PACKAGES__: readonly { name: string; version: string; licence: string }[]
