/** What happens when the page begins, and again after the engine was out of reach. */
import { serializeError } from '../../shared/errors'
import { platform } from '../platform'
import { receiveAudit, refreshAudits } from './audits'
import { receiveBatch, refreshBatches } from './batches'
import { findCalibration, receiveCalibration } from './calibrating'
import { findCheck, loadDevices, receiveDevices } from './devices'
import { watchAddress } from './navigation'
import { paced } from './pacing'
import { receive, restore } from './screening'
import { preferredBundle, useSession } from './session'
import { receiveSettings, takeSettings } from './settings'
import { receiveTraining, refreshTrainings } from './trainings'

export async function loadSession(): Promise<void> {
  useSession.setState({ phase: 'loading', error: null })
  try {
    const [held, info, bundles, samples] = await Promise.all([
      platform.call('settings.get', {}),
      platform.call('app.info', {}),
      platform.call('bundles.list', {}),
      platform.call('samples.list', {}),
    ])
    takeSettings(held)
    const bundleId = preferredBundle(bundles, held.settings.bundle)
    useSession.setState({ phase: 'ready', version: info.version, dataFolder: info.dataFolder, providers: info.providers, bundles, samples, bundleId })
    void loadDevices()
    await restore(samples)
  } catch (error) {
    useSession.setState({ phase: 'failed', error: serializeError(error) })
  }
}

/** Called once. Events that were missed while the connection was down are asked for when it is back. */
export async function startSession(): Promise<void> {
  watchAddress()
  const receivers = [receive, receiveAudit, receiveBatch, receiveDevices, receiveTraining, receiveCalibration, receiveSettings]
  platform.subscribe(paced((event) => receivers.forEach((each) => each(event))))
  platform.watchConnection((connection) => {
    const before = useSession.getState()
    useSession.setState({ connection })
    if (connection !== 'open' || before.connection === 'open') return
    void findCheck()
    void (before.phase === 'ready' ? Promise.all([restore(before.samples), refreshAudits(), refreshBatches(), refreshTrainings(), findCalibration()]) : loadSession())
  })
  await loadSession()
}
