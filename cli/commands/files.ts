import { defineCommand } from 'citty'
import { fileAccess } from '../../src/contracts/files.ts'
import { telling } from '../failure.ts'
import { downloadTo } from '../files/download.ts'
import { uploadFrom } from '../files/upload.ts'
import { printJson } from '../output.ts'
import { openSession } from '../session.ts'

export const uploadCommand = defineCommand({
  meta: { name: 'upload', description: 'Send a file of this machine into a studio, or as the next version of a file' },
  args: {
    path: { type: 'positional', description: 'The file to send', required: true },
    studioId: { type: 'string', description: 'The studio that it goes to' },
    folderId: { type: 'string', description: 'A folder of the studio; its top when left out' },
    fileId: { type: 'string', description: 'The file whose next version this is, in place of --studioId' },
    accessLevel: { type: 'string', description: fileAccess.description ?? '' },
    tags: { type: 'string', description: 'Words to find it by, separated by commas' },
  },
  run: ({ args: { path, studioId, folderId, fileId, accessLevel, tags } }) =>
    telling(async () => {
      const { api } = await openSession()
      const level = accessLevel === undefined ? undefined : fileAccess.parse(accessLevel)
      printJson(await uploadFrom(api, path, { studioId, folderId, fileId, accessLevel: level, tags: tags?.split(',') }))
    }),
})

export const downloadCommand = defineCommand({
  meta: { name: 'download', description: 'Save a file of a studio on this machine' },
  args: {
    fileId: { type: 'positional', description: 'The file', required: true },
    to: { type: 'string', description: 'A file name or folder; this folder when left out' },
    force: { type: 'boolean', description: 'Replace what is there' },
  },
  run: ({ args: { fileId, to, force } }) =>
    telling(async () => {
      const { api } = await openSession()
      const { path, bytes } = await downloadTo(api, fileId, { to, isOverwriting: force === true })
      process.stdout.write(`Saved ${path} (${bytes} bytes).\n`)
    }),
})
