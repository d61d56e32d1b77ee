/** The interface in German. The types see to it that no sentence is missing. */
import type { Dictionary } from '../index'
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

export const de: Dictionary = { ...common, ...shell, ...shortcuts, ...screen, ...viewer, ...tags, ...devices, ...batch, ...history, ...audit, ...train, ...models, ...settings, ...about }
