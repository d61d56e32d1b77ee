/**
 * Every sentence of the interface in English: the keys of this dictionary are the keys there are. {names} are filled in.
 * A pair `.one` and `.other` is chosen from by number (`plural`). One file per page, in both languages alike.
 */
import { about } from './about'
import { audit } from './audit'
import { batch } from './batch'
import { common } from './common'
import { devices } from './devices'
import { history } from './history'
import { models } from './models'
import { screen } from './screen'
import { settings } from './settings'
import { shell } from './shell'
import { shortcuts } from './shortcuts'
import { tags } from './tags'
import { train } from './train'
import { viewer } from './viewer'

export const en = { ...common, ...shell, ...shortcuts, ...screen, ...viewer, ...tags, ...devices, ...batch, ...history, ...audit, ...train, ...models, ...settings, ...about } as const
