-- Whoever may read a file reads its bytes and what the storage knows of them, with their own token. Links are made by the service
-- alone: one that a reader made would live as long as they like, longer than their right to read. What the storage does not name
-- among these opens nothing; older ones leave out the word in front.
alter policy studio_files_select on storage.objects using (
  bucket_id = 'studio-files'
  and regexp_replace(current_setting('storage.operation', true), '^storage\.', '') = any ('{
    object.get_authenticated, object.get_authenticated_info, object.head_authenticated_info, object.info_authenticated,
    object.list, object.list_v2, object.copy, render.image_authenticated,
    s3.object.get, s3.object.info, s3.object.list, s3.object.copy, s3.upload.part_copy}')
  and app.may_read_object(name));
