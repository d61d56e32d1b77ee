/** zod compiles parsers with `new Function`, which the content security policy forbids. Imported before any schema is made. */
import { config } from 'zod'

config({ jitless: true })
