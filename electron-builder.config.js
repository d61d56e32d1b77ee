/**
 * How installers are made: `npm run dist`, explained in docs/INSTALLING.md. What goes in is worked out from the build
 * (`scripts/dist/shipped.mjs`), and looked at again after packing (`scripts/dist/check-packed.mjs`).
 *
 * There is no updater: an installed Assay never asks a server for anything, not even for a newer Assay.
 */
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { binFolder, foreignBinaries } from './scripts/dist/onnxruntime.mjs'
import { shippedParts } from './scripts/dist/shipped.mjs'

const root = import.meta.dirname
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const { leftBehind, idleFiles, threadFiles, threadPackages } = shippedParts(root)

/** A certificate is the publisher's; without one a Mac's application is signed for the machine alone (ad hoc). */
const signedForMac = Boolean(process.env.CSC_LINK || process.env.CSC_NAME)

/** Stands with each system: beside patterns at the top, those of a system would let everything in. */
const filesFor = (platform) => [
  'package.json',
  'LICENSE',
  'out/main/**',
  'out/preload/**',
  'out/renderer/**',
  ...idleFiles.map((file) => `!${file}`),
  // Its installation fetches more binaries; ours does not.
  '!**/node_modules/onnxruntime-node/script{,/**}',
  ...leftBehind.map((name) => `!**/node_modules/${name}{,/**}`),
  ...foreignBinaries(platform),
  // Sources and tests that packages bring.
  '!**/*.{map,ts,mts,cts,tsx,jsx,flow,coffee}',
  '!**/node_modules/**/{test,tests,__tests__,spec,specs}{,/**}',
]

/** Electron's own demonstration, which electron-builder leaves in Electrons that it did not fetch itself. */
const removeDemonstration = ({ appOutDir, electronPlatformName }) =>
  rm(join(appOutDir, electronPlatformName === 'darwin' ? 'Electron.app/Contents/Resources' : 'resources', 'default_app.asar'), { force: true })

const dicom = { ext: ['dcm', 'dicom'], name: 'DICOM image', mimeType: 'application/dicom', role: 'Viewer', rank: 'Alternate' }
const nifti = { ext: 'nii', name: 'NIfTI volume', mimeType: 'application/x-nifti', role: 'Viewer', rank: 'Alternate' }
/** Pictures and archives, for which other programs are there. */
const onWish = [
  { ext: ['png'], name: 'PNG picture', mimeType: 'image/png', role: 'Viewer', rank: 'Alternate' },
  { ext: ['jpg', 'jpeg'], name: 'JPEG picture', mimeType: 'image/jpeg', role: 'Viewer', rank: 'Alternate' },
  { ext: ['tif', 'tiff'], name: 'TIFF picture', mimeType: 'image/tiff', role: 'Viewer', rank: 'Alternate' },
  { ext: ['bmp'], name: 'BMP picture', mimeType: 'image/bmp', role: 'Viewer', rank: 'Alternate' },
  { ext: ['webp'], name: 'WebP picture', mimeType: 'image/webp', role: 'Viewer', rank: 'Alternate' },
  { ext: ['gz'], name: 'Compressed NIfTI volume', mimeType: 'application/gzip', role: 'Viewer', rank: 'Alternate' },
  { ext: ['zip'], name: 'Model bundle', mimeType: 'application/zip', role: 'Viewer', rank: 'Alternate' },
]

/** @type {import('electron-builder').Configuration} */
export default {
  appId: 'org.assay.desktop',
  productName: 'Assay',
  copyright: 'Apache License 2.0',
  // Debian's packages must name one. Whoever publishes has them; .invalid is a name that can never exist.
  extraMetadata: {
    homepage: process.env.ASSAY_HOMEPAGE || 'https://assay.invalid/',
    // So that Linux knows which window belongs to which entry of its menus.
    desktopName: 'assay-desktop.desktop',
  },
  electronVersion: devDependencies.electron,
  ...(process.env.ASSAY_ELECTRON_DIST && { electronDist: process.env.ASSAY_ELECTRON_DIST }),
  directories: { output: 'dist', buildResources: 'resources/icons' },

  // By itself electron-builder would lay whole packages beside the archive when they hold a library.
  asar: { smartUnpack: false },
  // Addons speak Node-API and need no compiler.
  npmRebuild: false,
  asarUnpack: [`${binFolder}/**`, ...threadFiles, ...threadPackages.map((name) => `**/node_modules/${name}/**`)],
  extraResources: [
    // No checkpoints of a training that is under way, and no models that a training replaced.
    { from: 'models', to: 'models', filter: ['**/*', '!**/.*{,/**}', '!**/*.previous'] },
    { from: 'resources', to: 'resources', filter: ['samples/**', 'icons/icon.png'] },
    { from: 'out/THIRD-PARTY-LICENSES.txt', to: 'THIRD-PARTY-LICENSES.txt' },
  ],
  afterExtract: removeDemonstration,
  afterPack: './scripts/dist/check-packed.mjs',

  electronFuses: {
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
    loadBrowserProcessSpecificV8Snapshot: false,
  },

  publish: null,
  artifactName: '${productName}-${version}-${os}-${arch}.${ext}',

  win: {
    target: [{ target: 'nsis', arch: ['x64', 'arm64'] }],
    icon: 'resources/icons/icon.ico',
    files: filesFor('win32'),
    // Offered, not taken: open-with.nsh. electron-builder's own entries would make Assay the program that opens them.
  },
  nsis: {
    oneClick: false,
    perMachine: false,
    allowToChangeInstallationDirectory: true,
    // One installer for each, half as large.
    buildUniversalInstaller: false,
    differentialPackage: false,
    deleteAppDataOnUninstall: false,
    license: 'LICENSE',
    include: 'scripts/dist/open-with.nsh',
  },

  mac: {
    target: [{ target: 'dmg', arch: ['arm64'] }],
    category: 'public.app-category.medical',
    icon: 'resources/icons/icon.icns',
    files: filesFor('darwin'),
    fileAssociations: [dicom, nifti, ...onWish],
    hardenedRuntime: signedForMac,
    ...(!signedForMac && { identity: '-' }),
  },
  dmg: { writeUpdateInfo: false },

  linux: {
    target: [
      { target: 'AppImage', arch: ['x64'] },
      { target: 'deb', arch: ['x64'] },
    ],
    executableName: 'assay-desktop',
    syncDesktopName: true,
    maintainer: process.env.ASSAY_PUBLISHER || 'Assay <assay@assay.invalid>',
    category: 'Science;MedicalSoftware',
    synopsis: 'Screens medical images for tampering that fools an AI classifier',
    icon: 'resources/icons/linux',
    files: filesFor('linux'),
    // Kinds of files that the system does not know; for those that it knows, to be named is enough.
    fileAssociations: [nifti],
    mimeTypes: [dicom, ...onWish].map(({ mimeType }) => mimeType),
  },
  // Without this the AppImage would start Assay with --no-sandbox, which Assay refuses.
  appImage: { executableArgs: [] },
}
