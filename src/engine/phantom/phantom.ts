/**
 * Chest radiographs that never were anybody's: for tests, and so that a newcomer without data sees the whole application.
 *
 * Attenuations along the beam are added up (body, lungs, heart, bones, vessels, clouds), quantum noise is added where
 * the beam is weak, and a film-like curve turns them into grey. Everything is a function of the seed; the same seed with
 * and without opacities is the same person at the same exposure.
 */
import { Random } from '../tensor/random'
import type { Anatomy } from './anatomy'
import { drawAnatomy } from './anatomy'
import { diaphragmHeight, lungShare } from './lungs'
import { cloudDensity, drawClouds } from './opacities'
import { edge, ellipse, smoothstep } from './shapes'
import { clavicleDensity, ribDensity, spineDensity } from './skeleton'
import { makeTexture } from './texture'
import { growVessels, paintVessels } from './vessels'

export const phantomKinds = ['normal', 'opacity'] as const
export type PhantomKind = (typeof phantomKinds)[number]

export interface Phantom {
  /** [height, width] in [0, 1]; bright is dense. */
  pixels: Float32Array
  width: number
  height: number
  /** Middle and radius in pixels, strength as attenuation; empty for `normal`. */
  opacities: { x: number; y: number; radius: number; strength: number }[]
}

export function makePhantom({ seed, width, height, kind }: { seed: number | string; width: number; height: number; kind: PhantomKind }): Phantom {
  const random = new Random(`phantom/${seed}`)
  const anatomy = drawAnatomy(random.fork('anatomy'))
  const clouds = kind === 'opacity' ? drawClouds(random.fork('opacities'), anatomy) : []
  const cloud = cloudDensity(random.fork('raggedness'), clouds)
  const { toPixel, toAnatomy, pixelsPerUnit } = placement(anatomy, width, height)
  const tissue = makeTexture(random.fork('tissue'), 9, 2)
  const parenchyma = makeTexture(random.fork('parenchyma'), 40, 3)
  const vessels = new Float32Array(width * height)
  paintVessels(vessels, width, height, growVessels(random.fork('vessels')), toPixel, pixelsPerUnit)

  const noise = random.fork('noise')
  const { exposure } = anatomy
  // Photons per pixel fall with the pixel's area.
  const noiseLevel = 0.011 * exposure.noise * Math.sqrt(Math.min(width, height) / 256)
  const pixels = new Float32Array(width * height)
  for (let j = 0; j < height; j++)
    for (let i = 0; i < width; i++) {
      const at = j * width + i
      const p = toAnatomy(i + 0.5, j + 0.5)
      const attenuation = attenuationAt(anatomy, p.x, p.y, vessels[at]!, tissue, parenchyma, cloud)
      const u = (2 * (i + 0.5)) / width - 1
      const v = (2 * (j + 0.5)) / height - 1
      const beam = exposure.falloff.x * u + exposure.falloff.y * v + exposure.falloff.radial * (u * u + v * v)
      const quantum = noise.normal() * noiseLevel * Math.exp(0.55 * attenuation)
      pixels[at] = filmCurve(attenuation + beam + quantum, exposure)
    }
  const opacities = clouds.map(({ x, y, radius, strength }) => ({ ...toPixel(x, y), radius: radius * pixelsPerUnit, strength }))
  return { pixels, width, height, opacities }
}

/** A sigmoid as of film (Hurter and Driffield), stretched so that air is nearly black. */
function filmCurve(attenuation: number, { middle, contrast }: Anatomy['exposure']): number {
  const floor = 1 / (1 + Math.exp(contrast * middle))
  const grey = 1 / (1 + Math.exp(-contrast * (attenuation - middle)))
  return Math.min(1, Math.max(0, (grey - floor) / (1 - floor) + 0.015))
}

type Texture = (x: number, y: number) => number

function attenuationAt(anatomy: Anatomy, x: number, y: number, vessel: number, tissue: Texture, parenchyma: Texture, cloud: Texture): number {
  const body = bodyThickness(anatomy, x, y)
  if (body < 1e-3) return 0
  const heart = heartShare(anatomy, x, y)
  const lung = lungShare(anatomy, x, y) * (1 - 0.82 * heart)
  // Outside the rib cage there is no dome: the flank darkens slowly.
  const flank = smoothstep(anatomy.lung.lateral - 0.06, anatomy.lung.lateral + 0.06, Math.abs(x))
  const below = edge(y - diaphragmHeight(anatomy, x), 0.018 + 0.13 * flank)
  const skeleton = ribDensity(anatomy, x, y) * (1 - 0.35 * below) + clavicleDensity(anatomy, x, y) + spineDensity(anatomy, x, y) * (1 - 0.4 * heart)
  let sum = body * anatomy.depth
  sum += 0.05 * tissue(x, y) * body
  sum -= anatomy.lung.air * lung
  if (lung > 0.01) sum += lung * (vessel * 1.25 + 0.06 * parenchyma(x, y) + cloud(x, y))
  sum += anatomy.heart.density * heart * (1 - 0.5 * below)
  sum += 0.3 * below * edge(0.95 - Math.abs(x), 0.05)
  sum += mediastinum(anatomy, x, y) + skeleton * Math.min(1, body * 1.4)
  sum += softShadows(anatomy, x, y) * smoothstep(0, 0.4, body)
  return Math.max(0, sum)
}

/** Neck, shoulders and chest; 1 in the thick middle. */
function bodyThickness(anatomy: Anatomy, x: number, y: number): number {
  const halfWidth = 0.27 + 1.05 * smoothstep(-1.08, -0.62, y) - (1.32 - anatomy.waist) * smoothstep(-0.55, 0.1, y)
  const inside = 1 - (x / halfWidth) ** 2
  if (inside <= 0) return 0
  const profile = Math.sqrt(Math.sqrt(inside)) * (0.5 + 0.5 * inside)
  // The chest is shallow at the shoulders and deep above the diaphragm.
  return profile * (0.72 + 0.28 * smoothstep(-0.9, 0.2, y))
}

function heartShare(anatomy: Anatomy, x: number, y: number): number {
  if (Math.abs(x - 0.1) > 0.62 || y < -0.55) return 0
  const { size, x: shift, tilt, aorta } = anatomy.heart
  const ventricle = ellipse(x, y, { x: 0.15 + shift, y: 0.29 }, { x: 0.32 * size, y: 0.205 * size }, tilt, 0.013)
  const atrium = ellipse(x, y, { x: -0.035 + shift, y: 0.25 }, { x: 0.15 * size, y: 0.24 * size }, 0, 0.014)
  const outflow = ellipse(x, y, { x: 0.085 + shift, y: 0.0 }, { x: 0.115 * size, y: 0.2 }, 0, 0.018)
  const knob = 0.6 * ellipse(x, y, { x: 0.115, y: -0.29 }, { x: 0.085 * aorta, y: 0.085 * aorta }, 0, 0.012)
  const descending = 0.35 * edge(0.05 - Math.abs(x - 0.1), 0.015) * smoothstep(-0.32, -0.1, y)
  return 1 - (1 - ventricle) * (1 - atrium) * (1 - outflow) * (1 - knob) * (1 - descending)
}

/** Great vessels and hila, and the dark trachea with its two main bronchi. */
function mediastinum(anatomy: Anatomy, x: number, y: number): number {
  if (Math.abs(x) > 0.5) return 0
  const { x: centre, width } = anatomy.trachea
  const pedicle = 0.24 * edge(0.125 - Math.abs(x - 0.01), 0.022) * edge(0.1 - y, 0.1) * smoothstep(-1.0, -0.7, y)
  const hilum = (cx: number, cy: number) => 0.2 * Math.exp(-(((x - cx) / 0.06) ** 2) - ((y - cy) / 0.105) ** 2)
  const airway = edge(width - Math.abs(x - centre), 0.008) * edge(-0.2 - y, 0.02)
  const split = y + 0.2
  const bronchus = split > 0 && split < 0.16 ? edge(width * 0.62 - Math.abs(Math.abs(x - centre) - split * 0.85), 0.008) * (1 - split / 0.16) : 0
  return pedicle + hilum(-0.19, -0.03) + hilum(0.2, -0.08) - 0.22 * airway - 0.12 * bronchus
}

/** Shoulder blades, breasts and the air in the stomach. */
function softShadows(anatomy: Anatomy, x: number, y: number): number {
  const side = Math.abs(x)
  const scapula = 0.13 * ellipse(side, y, { x: 0.8, y: -0.28 }, { x: 0.16, y: 0.36 }, 0.22, 0.012)
  const shoulder = 0.28 * ellipse(side, y, { x: 1.02, y: -0.6 }, { x: 0.2, y: 0.19 }, 0, 0.03)
  const { density, y: height, size } = anatomy.breast
  const breast = density === 0 ? 0 : density * ellipse(side, y, { x: 0.43, y: height }, { x: size, y: size * 0.85 }, 0, 0.03)
  const bubble = anatomy.stomachBubble
  const air = bubble.density === 0 ? 0 : bubble.density * ellipse(x, y, bubble, { x: bubble.size * 1.25, y: bubble.size * 0.75 }, 0, 0.012)
  return scapula + shoulder + breast - air
}

function placement(anatomy: Anatomy, width: number, height: number) {
  const { scaleX, scaleY, rotation, x: offsetX, y: offsetY } = anatomy.pose
  const half = Math.min(width, height) / 2
  const cos = Math.cos(rotation)
  const sin = Math.sin(rotation)
  return {
    pixelsPerUnit: half * Math.sqrt(scaleX * scaleY),
    toAnatomy: (i: number, j: number) => {
      const u = (i - width / 2) / half - offsetX
      const v = (j - height / 2) / half - offsetY
      return { x: (cos * u + sin * v) / scaleX, y: (-sin * u + cos * v) / scaleY }
    },
    toPixel: (x: number, y: number) => {
      const u = x * scaleX
      const v = y * scaleY
      return { x: (cos * u - sin * v + offsetX) * half + width / 2, y: (sin * u + cos * v + offsetY) * half + height / 2 }
    },
  }
}
