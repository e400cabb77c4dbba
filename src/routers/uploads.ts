import * as contract from '../contracts/uploads.ts'
import * as uploads from '../services/core/files/direct-uploads.ts'
import { downloadLink } from '../services/core/files/downloads.ts'
import { memberProcedure, viewerProcedure } from '../trpc.ts'

const tags = ['Files']

/** How contents come in and go out without passing through the API; part of the router `files`. */
export const uploadProcedures = {
  beginUpload: memberProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/studios/{studioId}/uploads',
        tags,
        summary: 'Begin an upload straight to the storage: send the bytes to its address with PUT, then confirm',
      },
    })
    .input(contract.beginUploadInput)
    .output(contract.directUpload)
    .mutation(({ ctx, input }) => uploads.beginDirectUpload(ctx.service, input)),
  beginVersion: memberProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/files/{fileId}/uploads',
        tags,
        summary: 'Begin to upload the next version of a file straight to the storage',
      },
    })
    .input(contract.beginVersionInput)
    .output(contract.directUpload)
    .mutation(({ ctx, input }) => uploads.beginDirectVersion(ctx.service, input)),
  confirmUpload: memberProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/uploads/{uploadId}/confirm',
        tags,
        summary: 'Confirm that the bytes of an upload are there: they are checked and become the file’s content',
      },
    })
    .input(contract.uploadInput)
    .output(contract.uploadedFile)
    .mutation(({ ctx, input }) => uploads.confirmUpload(ctx.service, input.uploadId)),
  abandonUpload: memberProcedure
    .meta({
      openapi: {
        method: 'DELETE',
        path: '/uploads/{uploadId}',
        tags,
        summary: 'Give up an upload that is not confirmed',
      },
    })
    .input(contract.uploadInput)
    .output(contract.uploadInput)
    .mutation(({ ctx, input }) => uploads.giveUpUpload(ctx.service, input.uploadId)),
  downloadLink: viewerProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/files/{fileId}/download-link',
        tags,
        summary: 'A link that opens the content of a file for a while',
      },
    })
    .input(contract.downloadLinkInput)
    .output(contract.downloadLink)
    .mutation(({ ctx, input }) => downloadLink(ctx.service, input)),
}
