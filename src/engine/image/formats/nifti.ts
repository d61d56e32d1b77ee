/**
 * NIfTI-1 and NIfTI-2 in one file, .nii or .nii.gz: brain MRI as research exchanges it. Frames are slices, volume after
 * volume, cut and turned as nifti/orientation.ts says; the stored image keeps the file's own order.
 */
import type { VoiWindow } from '../../../shared/types'
import type { DecodedImage, ImageFile } from '../decoded-image'
import { fullWindow } from '../decoded-image'
import { corrupt } from '../errors'
import type { NiftiHeader } from '../nifti/header'
import { volumeWindows } from '../nifti/display-range'
import type { SlicePlan } from '../nifti/orientation'
import { planSlices } from '../nifti/orientation'
import { looksLikeNifti, openNifti } from '../nifti/unpack'
import { allVoxels, bitsOf, cutSlice, samplesOf, voxelsOf } from '../nifti/voxels'
import { isPixelRatio, isPixelSpacing } from '../pixel-shape'
import type { ImageFormat } from './format'

export const niftiFormat: ImageFormat = {
  id: 'nifti',
  recognises: looksLikeNifti,
  open: async (file, name): Promise<ImageFile> => {
    const { header, bytes } = await openNifti(file, name)
    const { size, volumes, type } = header
    const voxels = voxelsOf(bytes, header)
    const plan = planSlices(header)
    const slices = size[plan.through]!
    const volumeSize = size[0] * size[1] * size[2]
    const grey = samplesOf(type) === 1
    let windows: VoiWindow[] | undefined
    return {
      format: 'nifti',
      frames: slices * volumes,
      defaultFrame: Math.floor(slices / 2),
      frame: async (index) => {
        windows ??= grey ? volumeWindows(voxels.subarray(0, volumeSize), header) : [fullWindow(0, 255)]
        if (!windows.every(({ center, width }) => Number.isFinite(Math.fround(center)) && Number.isFinite(width))) throw corrupt(name, 'its slope and intercept lead beyond all numbers')
        const steps = [1, size[0], size[0] * size[1]] as const
        const [across, down, through] = [plan.across, plan.down, plan.through].map((axis, i) => {
          const step = steps[axis]!
          return plan.flipped[i] ? { first: (size[axis]! - 1) * step, step: -step } : { first: 0, step }
        }) as [Run, Run, Run]
        const first = Math.floor(index / slices) * volumeSize + across.first + down.first + through.first + (index % slices) * through.step
        const cut = { first, columns: size[plan.across]!, rows: size[plan.down]!, columnStep: across.step, rowStep: down.step }
        const pixels = cutSlice(voxels, type, grey ? 1 : 3, cut, name)
        return sliceImage(header, plan, { pixels, width: cut.columns, height: cut.rows, frame: index, slices, windows })
      },
      stored: async () => ({ width: size[0], height: size[1], frames: size[2] * volumes, samples: samplesOf(type), pixels: allVoxels(voxels, type, name) }),
    }
  },
}

interface Run {
  first: number
  step: number
}

function sliceImage(
  header: NiftiHeader,
  plan: SlicePlan,
  { pixels, width, height, frame, slices, windows }: Pick<DecodedImage, 'pixels' | 'width' | 'height' | 'frame' | 'windows'> & { slices: number },
): DecodedImage {
  const { type, volumes, rescale } = header
  const grey = samplesOf(type) === 1
  const row = plan.edges[plan.down]!
  const column = plan.edges[plan.across]!
  const known = isPixelRatio(row, column)
  // Positions in the patient are millimetres where no unit is named.
  const millimetres = header.millimetres ?? (plan.codes ? 1 : undefined)
  const spacing = millimetres !== undefined && isPixelSpacing(row * millimetres, column * millimetres) ? { row: row * millimetres, column: column * millimetres } : undefined
  const scaled = grey && (rescale.slope !== 1 || rescale.intercept !== 0)
  return {
    format: 'nifti',
    width,
    height,
    frames: slices * volumes,
    frame,
    samples: grey ? 1 : 3,
    pixels,
    bitsStored: bitsOf(type),
    signed: type.startsWith('int') || type.startsWith('float'),
    photometric: grey ? 'MONOCHROME2' : 'RGB',
    rescale: grey ? rescale : { slope: 1, intercept: 0 },
    unit: '',
    windows,
    ...(spacing && { spacing }),
    ...(!spacing && known && row !== column && { aspect: row / column }),
    facts: [
      { label: 'Format', value: `NIfTI-${header.version}` },
      { label: 'Size', value: `${width} × ${height}` },
      { label: 'Slices', value: String(slices) },
      ...(volumes > 1 ? [{ label: 'Volumes', value: String(volumes) }] : []),
      { label: 'Type', value: type },
      { label: 'Plane', value: plan.plane === 'stored' ? 'as stored; the file does not say how it lies in the patient' : `${plan.plane}${plan.oblique ? ', the nearest to oblique axes' : ''}` },
      ...(plan.codes ? [{ label: 'Orientation', value: plan.codes }] : []),
      ...(spacing ? [{ label: 'Spacing', value: `${rounded(spacing.row)} × ${rounded(spacing.column)} mm` }] : []),
      ...(type === 'rgba32' ? [{ label: 'Alpha', value: 'not used' }] : []),
      ...(scaled ? [{ label: 'Rescale', value: `× ${rounded(rescale.slope)} + ${rounded(rescale.intercept)}` }] : []),
    ],
  }
}

/** Without the noise of 32-bit floats. */
const rounded = (value: number): string => String(Number(value.toPrecision(6)))
