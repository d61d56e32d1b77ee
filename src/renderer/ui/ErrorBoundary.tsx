/**
 * Keeps what fails while it is drawn from taking the whole window along: React removes everything up to the next
 * boundary. There is no hook for it, so this is a class.
 */
import { Component } from 'react'
import type { ReactNode } from 'react'
import { serializeError } from '../../shared/errors'
import type { SerializedError } from '../../shared/errors'
import { t } from '../language'
import { Button } from './Button'
import { Problem } from './Problem'

interface ErrorBoundaryProps {
  children: ReactNode
  /** Drawn in place of what failed, where the error itself has no room. */
  instead?: ReactNode
}

export class ErrorBoundary extends Component<ErrorBoundaryProps, { error: SerializedError | null }> {
  override state: { error: SerializedError | null } = { error: null }

  static getDerivedStateFromError(error: unknown): { error: SerializedError } {
    return { error: serializeError(error) }
  }

  override render(): ReactNode {
    const { children, instead } = this.props
    const { error } = this.state
    if (!error) return children
    if (instead !== undefined) return instead
    return (
      <div className="flex min-h-0 flex-1 items-center justify-center overflow-y-auto p-8">
        <Problem title={t('shell.notShown')} error={error}>
          <Button onClick={() => this.setState({ error: null })}>{t('tryAgain')}</Button>
          <Button onClick={() => window.location.reload()}>{t('shell.loadAgain')}</Button>
        </Problem>
      </div>
    )
  }
}
