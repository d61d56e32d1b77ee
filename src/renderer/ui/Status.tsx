/** A verdict's icon, word and colour: always all three, so that none has to be told by colour alone. */
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import type { ScanResult } from '../../shared/types'
import { t } from '../language'

interface StatusLook {
  icon: LucideIcon
  text: string
  surface: string
}

export const statusLook: Record<ScanResult['status'], StatusLook> = {
  clean: { icon: CircleCheck, text: 'text-clean', surface: 'bg-clean-deep' },
  suspicious: { icon: TriangleAlert, text: 'text-suspicious', surface: 'bg-suspicious-deep' },
  error: { icon: CircleAlert, text: 'text-danger', surface: 'bg-danger-deep' },
}

export const statusWord = (status: ScanResult['status']): string => t(`status.${status}`)

export function StatusIcon({ status, size = 18 }: { status: ScanResult['status']; size?: number }) {
  const { icon: Icon, text } = statusLook[status]
  return <Icon size={size} className={`shrink-0 ${text}`} aria-hidden />
}
