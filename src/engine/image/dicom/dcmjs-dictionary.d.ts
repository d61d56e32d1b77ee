/** The package ships no types. */
declare module 'dcmjs/dictionary' {
  export interface DictionaryEntry {
    /** Beside the value representations of PS3.5: ox (OB or OW), xs (US or SS), lt (US, SS or OW), up (UL), na. */
    vr: string
    /** Keyword of PS3.6. */
    name: string
    vm: string
    version: string
  }
  /** By "(0010,0010)"; by ranges, "(6000-60FF,3000)"; by creator, `(0009,"GEMS_IDEN_01",01)`. */
  export const dictionary: Record<string, DictionaryEntry>
}
